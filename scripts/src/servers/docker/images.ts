/** The images of the docker rung; docker-compose.yml names the same, which a test holds equal. */
export const images = { mongodb: 'mongo:8', rabbitmq: 'rabbitmq:4.3-management', redis: 'redis:8' }

/** How the RabbitMQ image is started, with the one plugin it does not enable by itself. */
export const rabbitmqCommand = [
  'sh',
  '-c',
  'rabbitmq-plugins enable --offline rabbitmq_consistent_hash_exchange && exec docker-entrypoint.sh rabbitmq-server',
]

/** A development broker on loopback; the password guards nothing that the port does not. */
export const rabbitmqEnvironment = {
  RABBITMQ_DEFAULT_USER: 'countinghouse',
  RABBITMQ_DEFAULT_PASS: 'countinghouse',
  RABBITMQ_DEFAULT_VHOST: 'countinghouse',
}

/** Where the broker of such a container is reached. */
export const rabbitmqUrls = (host: string, port: number, adminPort: number) => ({
  url: `amqp://countinghouse:countinghouse@${host}:${port}/countinghouse`,
  adminUrl: `http://countinghouse:countinghouse@${host}:${adminPort}`,
})
