import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import type { Server } from 'node:http'
import { createSecureContext, type Server as TlsServer } from 'node:tls'
import type { Log } from '@countinghouse/shared/log'

export type CertificateFiles = { certFile: string; keyFile: string }

const LOOKED_AT_EVERY_MS = 2_000

export const readCertificate = ({ certFile, keyFile }: CertificateFiles) => {
  const certificate = { cert: readFileSync(certFile), key: readFileSync(keyFile) }
  createSecureContext(certificate)
  return certificate
}

/** Takes a new certificate when its file changes or on SIGHUP; connections that are open keep theirs. */
export const followCertificate = (server: Server, files: CertificateFiles, log: Log): (() => void) => {
  const renew = (): void => {
    try {
      ;(server as unknown as TlsServer).setSecureContext(readCertificate(files))
      log.info('The certificate was read again')
    } catch (error) {
      // Between the writing of the two files they do not fit each other; the next look finds both.
      log.warn({ reason: String(error) }, 'The certificate cannot be used; going on with the one before')
    }
  }
  for (const file of Object.values(files)) watchFile(file, { interval: LOOKED_AT_EVERY_MS, persistent: false }, renew)
  process.on('SIGHUP', renew)
  return () => {
    for (const file of Object.values(files)) unwatchFile(file, renew)
    process.off('SIGHUP', renew)
  }
}
