export async function typescript(){ return []; }
