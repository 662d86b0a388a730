// Asks the gateway on this box how it is, over loopback.
import { z } from 'zod';
import { OWN_HEALTH_TIMEOUT_MS } from '../domain/limits.ts';

const healthSchema = z.object({
  ok: z.boolean(),
  parts: z.array(
    z.object({ name: z.string(), ok: z.boolean(), reason: z.string().nullable().default(null) }),
  ),
});
export type OwnHealth = z.infer<typeof healthSchema>;

/** Null where the gateway does not answer, or not in time. */
export async function askHealth(port: number): Promise<OwnHealth | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, {
      signal: AbortSignal.timeout(OWN_HEALTH_TIMEOUT_MS),
    });
    const parsed = healthSchema.safeParse(await response.json());
    return parsed.success ? parsed.data : null;
  } catch {
    // Not listening, no answer in time, no JSON: to the one who asks it is all the same.
    return null;
  }
}
