import type { Barbeque } from '../../config/openSchema.ts';
import type { Room } from '../../room/room.ts';

export interface BarbequeDeps {
  room: Room;
  /** The address that the outside knows this server by, where one is set. */
  publicUrl: URL | undefined;
  /** As the settings are now. */
  settings(): Barbeque;
}
