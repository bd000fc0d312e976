import type { Mail } from '@countinghouse/shared/mail/outbox'
import type { WebhookEndpoint } from './domain.js'

/** Tells an endpoint's owner that it hears of nothing any more. */
export const disabledMail = ({ _id, url }: WebhookEndpoint, to: string): Mail => ({
  to,
  subject: 'Your webhook endpoint is disabled',
  text: `For three days nothing got through to ${url}, so no events are sent there any more.

When it answers again, enable the endpoint ${_id} and have what it missed delivered again.
`,
})
