export function php(){ return []; }
