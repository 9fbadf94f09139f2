/** Compiled, never run: what the types promise to those who write TypeScript. */
import { AmtiaClient, etagOf, type Framework, type NewRisk, type Risk } from '@amtia/sdk';

export async function promises(client: AmtiaClient): Promise<void> {
  const frameworks = await client.frameworks.list({ locale: 'en' });
  const first: Framework | undefined = frameworks.data[0];
  const counts: (number | undefined)[] = [first?.controlCount, first?.control_count];
  for await (const risk of client.risks.list({ reviewBefore: '2027-01-01' })) {
    const both: Risk = risk;
    const day: string | null | undefined = both.reviewDate ?? both.review_date;
    const score: number | null | undefined = both.inherent?.score;
    counts.push(day?.length, score ?? 0);
  }
  const fields: NewRisk = { name: 'Either style', reviewDate: '2027-01-01', control_ids: counts.map(String) };
  const made = await client.risks.create(fields, { idempotencyKey: 'a' });
  const etag = etagOf(made);
  await client.risks.update(made.id, { owner: null }, etag === undefined ? {} : { ifMatch: etag });
}
