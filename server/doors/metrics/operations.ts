import type { OperationGroup } from '../../http/operation.ts';

export const metricsOperations: OperationGroup = {
  tag: 'Metrics',
  description: 'For Prometheus and its like. docs/metrics.md says what each of them means.',
  operations: {
    'get /metrics': {
      id: 'getMetrics',
      summary: 'What this process and the store count',
      answers: { 200: { description: 'In the text format of Prometheus.', type: 'text/plain' } },
    },
  },
};
