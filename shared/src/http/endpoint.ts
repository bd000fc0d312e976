import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { Role, Scope } from '../contracts/auth.js'
import type { Answer, Claim } from '../idempotency.js'
import type { CompanionWrite } from '../mongo/companion.js'
import type { Tx } from '../mongo/transaction.js'
import type { Caller, UserCaller } from './caller.js'
import type { Feed, Page } from './page.js'
import type { Streamed } from './stream.js'

/**
 * Who may call a route: anyone, whose token is then not even looked at (`public`) or counts if it is sent (`anyone`);
 * or the roles named, where `service` stands for the platform's own services and `scope:<name>` for API keys with it.
 */
export type Access = 'public' | 'anyone' | readonly (Role | 'service' | `service:${string}` | `scope:${Scope}`)[]

/** The answer of `once` and `answering`: already checked, stored and ready to be sent. */
export class Settled {
  constructor(
    readonly answer: Answer,
    readonly replayed: boolean,
  ) {}
}

export type EndpointRequest<Params, Query, Body, View> = {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly caller: Caller
  /** The calling user; refuses a caller that is none. */
  readonly user: UserCaller
  /** The `Authorization` header, for a call to another service on the caller's behalf. */
  readonly authorization: string | undefined
  /** The `User-Agent` header: what the caller says it is. */
  readonly userAgent: string | undefined
  /** The network address of the client, as the gateway saw it. */
  readonly address: string
  /** The request itself, for a body that is no JSON. */
  readonly incoming: Readable & { readonly headers: IncomingHttpHeaders }
  /** The version in `If-Match`, when the caller sent one. */
  readonly ifMatch: number | undefined
  /** What the request's idempotency key stands for, for an effect that takes more than one commit. */
  readonly claim: Claim | undefined
  /** Runs the effect in one transaction; with an idempotency key its answer commits with it, and repeats get that answer. */
  once(effect: (tx: Tx) => Promise<z.input<View & z.ZodType>>): Promise<Settled>
  /** The same for an effect that commits elsewhere (the ledger): the answer travels there as a companion write. */
  answering(effect: (answerWrites: AnswerWrites<View>) => Promise<z.input<View & z.ZodType>>): Promise<Settled>
}

/** Turns the view of an effect into the writes that store it as the answer; none without an idempotency key. */
export type AnswerWrites<View> = (view: z.input<View & z.ZodType>) => CompanionWrite[]

/** What a route shows of somebody: each answer to anybody but its owner is recorded before it is sent. */
export type Reading = {
  /** `personal` where it says who somebody is, which viewers see masked; else `financial`: what is had, owed and paid. */
  readonly data: 'personal' | 'financial'
  /** What it is about, as its events name it: `loan`. */
  readonly of: string
  /** The field that tells the things of a list apart; `id`, unless it is said. */
  readonly id?: string
  /** Which one it is, where neither the path nor the answer says so. */
  readonly is?: string
}

export type EndpointSpec<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  View extends z.ZodType,
> = {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below the API's base, with `:name` for parameters. */
  readonly path: string
  readonly summary: string
  readonly tag: string
  readonly access: Access
  readonly status?: 200 | 201 | 202 | 204
  /** Says of an answer that its outcome is still open: then it goes out as 202. */
  isOpen?(view: z.output<View>): boolean
  /** Set where the data of persons other than the caller are shown. */
  readonly reads?: Reading
  /** The route whose idempotency keys also count here, for one that is another name of it. */
  readonly aliasOf?: string
  /** Answers 304 to a caller who says that they have this answer: its `ETag` stands for all that is in it. */
  readonly conditional?: true
  /** Takes `Idempotency-Key` and replays the first answer; calls from services must send one. */
  readonly idempotent?: boolean
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** The media type and fields of a body that the handler reads from `incoming`. */
  readonly takes?: { readonly mediaType: string; readonly schema: object }
  /** Also takes `application/x-www-form-urlencoded`. */
  readonly form?: boolean
  /** The answer, or one item of it when the handler answers a page. Unlisted fields never leave. */
  readonly view: View
  readonly list?: boolean
  /** The media types in which the handler may answer `Streamed`, beside or instead of JSON. */
  readonly streams?: readonly string[]
  /** Headers of every success, such as how long it may be kept. */
  readonly headers?: Readonly<Record<string, string>>
  /** Codes from the refusal table of the service that this route can answer. */
  readonly refusals?: readonly string[]
  readonly example?: { readonly body?: unknown; readonly view?: unknown }
  handle(
    request: EndpointRequest<z.output<Params>, z.output<Query>, z.output<Body>, View>,
  ): Promise<z.input<View> | Page<z.input<View>> | Feed<z.input<View>> | Settled | Streamed> | z.input<View>
}

export type Endpoint = EndpointSpec<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType>

/** One definition that validates, authorises, handles and documents a route. */
export const endpoint = <
  View extends z.ZodType,
  Params extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Query extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodUndefined,
>(
  spec: EndpointSpec<Params, Query, Body, View>,
): Endpoint => spec
