/** What the signing secret of a job's definition is sealed for. */
export function signingSecret(jobId: string): string {
  return `job/${jobId}/signing_secret`;
}
