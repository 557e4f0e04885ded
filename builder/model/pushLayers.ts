import type { LayerMessage } from './pushStreamMessage.ts';

/** How far the layers of a push are. */
export interface PushLayers {
  read(message: LayerMessage): void;
  /** E.g. `pushed 12.3 of 45.6 MB, 3 of 8 layers`; without MB until the engine has said how many there are. */
  progress(): string;
  /** E.g. `12.3 MB in 2 layers, 6 layers were there already`. */
  summary(): string;
  /** Whether the engine began any layer again. */
  readonly retried: boolean;
}

interface Layer {
  state: 'waiting' | 'sent' | 'present' | 'failing';
  current: number;
  total: number;
}

/** The engine allows an image 127 layers; more are somebody's attempt to fill the memory. */
const mostLayers = 1000;

export function createPushLayers(): PushLayers {
  const layers = new Map<string, Layer>();
  let retried = false;

  const count = (state: Layer['state']): number =>
    [...layers.values()].filter((layer) => layer.state === state).length;
  const sum = (bytes: (layer: Layer) => number): number =>
    [...layers.values()].reduce((all, layer) => all + bytes(layer), 0);

  return {
    read({ id, status, current, total }) {
      const known = layers.get(id);
      if (!known && layers.size >= mostLayers) return;
      const layer = known ?? { state: 'waiting', current: 0, total: 0 };
      layers.set(id, layer);
      layer.state = stateOf(status);
      // The engine counts its tar, which may be longer than it had thought.
      if (total > 0) Object.assign(layer, { current: Math.min(current, total), total });
      if (layer.state === 'sent') layer.current = layer.total;
      retried ||= layer.state === 'failing';
    },
    progress() {
      const done = count('sent') + count('present');
      const failing = count('failing');
      const total = sum((layer) => layer.total);
      const bytes =
        total > 0 ? `${megabytes(sum((layer) => layer.current))} of ${megabytes(total)} MB, ` : '';
      const again = failing > 0 ? `, ${layersOf(failing)} being tried again` : '';
      return `pushed ${bytes}${done} of ${layersOf(layers.size)}${again}`;
    },
    summary() {
      const sent = sum((layer) => (layer.state === 'sent' ? layer.total : 0));
      const present = count('present');
      const there = present > 0 ? `, ${layersOf(present)} there already` : '';
      return `${megabytes(sent)} MB in ${layersOf(count('sent'))}${there}`;
    },
    get retried() {
      return retried;
    },
  };
}

function stateOf(status: string): Layer['state'] {
  if (status === 'Pushed') return 'sent';
  if (/already exists$|^Mounted from/.test(status)) return 'present';
  return status.startsWith('Retrying') ? 'failing' : 'waiting';
}

function layersOf(count: number): string {
  return count === 1 ? '1 layer' : `${count} layers`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
