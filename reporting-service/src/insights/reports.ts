import type { Report } from '../reports/definition.js'
import { anomalies } from './anomalies.js'
import { forecasts } from './forecasting.js'
import { predictions } from './predictions.js'

/** What comes next, and what is not as usual. */
export const insightReports: readonly Report[] = [forecasts, predictions, anomalies]
