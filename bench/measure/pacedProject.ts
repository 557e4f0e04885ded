import type { Files } from '../../test/fixtures/repository.ts';

const batchesPerSecond = 100;

/**
 * A build that prints at an even pace, each line with the microseconds since 1970 at which its batch was printed. It
 * is silent for the first two seconds, so that readers can come.
 */
export function pacedProject({ perSecond, seconds }: { perSecond: number; seconds: number }): Files {
  const script = `
now() { t=$EPOCHREALTIME; now=\${t%.*}\${t#*.}; }
lines=$(seq 1 ${perSecond / batchesPerSecond})
sleep 2
now; next=$now; batch=0
while [ $batch -lt ${seconds * batchesPerSecond} ]; do
  now
  printf "$now %04d of batch $batch of what a chatty build prints, line by line.......\\n" $lines
  batch=$((batch + 1)); next=$((next + ${1e6 / batchesPerSecond})); now
  [ $next -le $now ] || usleep $((next - now))
done
`;
  return { Dockerfile: 'FROM busybox\nCOPY . /\nRUN sh /paced.sh\n', 'paced.sh': script };
}
