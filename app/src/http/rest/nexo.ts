// What of nexo is open: the port that terminals call, the façade, tills that are logged in.
import type { NexoControl } from '../../ports/nexo-control.ts';
import { type Route, route } from './route.ts';
import { nothing } from './schemas.ts';

export function nexoRoutes(control: NexoControl | null): Route[] {
  if (control === null) return [];
  return [
    route({
      tag: 'Terminals',
      method: 'GET',
      path: '/v1/nexo',
      name: 'readNexo',
      summary: 'Ports for nexo terminals and tills, logged-in tills, announced addresses',
      description:
        'Ports and pairings are set with `PATCH /v1/settings` (`nexo`) and change at once. A terminal that announces a new address is not followed: set it with `PUT /v1/terminals/{id}` where you agree.',
      access: 'configure',
      params: nothing,
      query: nothing,
      body: null,
      replies: {
        200: {
          description: 'As it is at this moment',
          schema: 'Nexo',
          example: {
            listener: { kind: 'open', port: 11_000 },
            facade: { kind: 'off' },
            tills: [],
            announced: [],
          },
        },
      },
      problems: [],
      handle: () => ({
        kind: 'json',
        status: 200,
        body: {
          listener: control.listener(),
          facade: control.facade(),
          tills: control.tills(),
          announced: control.announced(),
        },
      }),
    }),
  ];
}
