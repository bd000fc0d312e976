import { httpUrl, parseSettings, serviceSettings } from '@countinghouse/shared/config'
import { z } from 'zod'

const decimal = z.string().regex(/^\d{1,9}(\.\d{1,3})?$/, 'must be an amount like 4.90')
const percent = z.coerce.number().min(0).max(100)

/** What the shop goes by. */
const shopSettings = {
  SHOP_TAX_PERCENT: percent.default(0).describe('What the shop adds to the price of goods as tax, in per cent'),
  SHOP_SHIPPING_FEE: decimal.default('0').describe('What the shop asks for shipping, in the default currency'),
  SHOP_FREE_SHIPPING_FROM: decimal.optional().describe('From that sum of goods on, shipping is free'),
  SHOP_COMMISSION_PERCENT: percent.default(10).describe('What the house keeps of what vendors sell, in per cent'),
  SHOP_PAY_WITHIN_MINUTES: z.coerce
    .number()
    .positive()
    .max(1440)
    .default(30)
    .describe('How long the goods of an order are kept until it is paid'),
  SHOP_ANSWER_WITHIN_SECONDS: z.coerce
    .number()
    .positive()
    .default(20)
    .describe('When wallet-service is asked again about a payment of an order that it has not answered for'),
  SHOP_RETURN_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .default(30)
    .describe('For so many days buyers may send back what they ordered'),
  SHOP_IMAGE_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .max(25_000_000)
    .default(10_000_000)
    .describe('How large an uploaded image of a product may be'),
  SHOP_REVIEWS_MODERATED: z
    .enum(['on', 'off'])
    .default('off')
    .describe('Whether a review is shown only once an admin has approved it'),
}

export const inventorySettings = {
  ...serviceSettings,
  ...shopSettings,
  WALLET_URL: httpUrl.describe('Where wallet-service answers'),
  SUPPORT_CONTACT: z
    .string()
    .default('support@countinghouse.test')
    .describe('Whom people ask for help with a payment that failed'),
  APPROVAL_THRESHOLD: z.coerce
    .bigint()
    .nonnegative()
    .default(10_000n)
    .describe('A document above this amount waits for approval; in whole units of the default currency'),
  APPROVALS_REQUIRED: z.coerce
    .number()
    .int()
    .min(1)
    .max(10)
    .default(2)
    .describe('How many people approve a large document, none of whom wrote it'),
  APPROVAL_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(365)
    .default(7)
    .describe('After so many days a document that nobody decided on lapses'),
  BLOW_STANDARD_YIELD: z
    .string()
    .regex(/^(100(\.0{1,2})?|\d{1,2}(\.\d{1,2})?)$/, 'must be a percentage like 97.5')
    .refine((percent) => Number(percent) > 0, 'must be above 0')
    .optional()
    .describe('How many percent of the preforms a normal run makes bottles of; without it, every loss is normal'),
}

export const readSettings = () => parseSettings(inventorySettings, process.env)
export type Settings = ReturnType<typeof readSettings>

/** The shop's part of the settings, complete where a test gives only some. */
export const shopSettingsOf = (settings: Partial<Settings>) => z.object(shopSettings).parse(settings)
