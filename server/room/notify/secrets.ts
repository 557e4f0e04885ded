/** What the webhook secret of a job's definition is sealed for. */
export function webhookSecret(jobId: string): string {
  return `job/${jobId}/webhook_secret`;
}

/** What the secret of a notification is sealed for. */
export function notificationSecret(id: string): string {
  return `notification/${id}/secret`;
}
