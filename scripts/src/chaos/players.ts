import { cards } from './players/cards.js'
import { institutions } from './players/institutions.js'
import { loans } from './players/loans.js'
import { money } from './players/money.js'
import type { Player } from './players/player.js'
import { registrations } from './players/registrations.js'
import { shop } from './players/shop.js'
import { trade } from './players/trade.js'

/** Everybody who plays in a run. */
export const players: readonly Player[] = [registrations, money, cards, loans, trade, shop, institutions]
