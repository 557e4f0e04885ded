import autocannon from 'autocannon';

/**
 * Sends requests over many connections for a time and prints what came back, as JSON:
 *   node bench/load.ts '{"url": …, "connections": 32, "duration": 10}'
 * A process of its own, so that the load has a core of its own where there is one. The options are autocannon's.
 */
const options = JSON.parse(process.argv[2] ?? '{}') as autocannon.Options;
const { requests, latency, throughput, errors, non2xx, duration } = await autocannon(options);
console.log(
  JSON.stringify({
    perSecond: requests.total / duration,
    requests: requests.total,
    p50: latency.p50,
    p99: latency.p99,
    megabytesPerSecond: throughput.average / 1e6,
    failed: errors + non2xx,
  }),
);
