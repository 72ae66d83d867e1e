/** kTLS, which takes over both ends of a socket. */
import { MSG, OPTION, POLLIN, poll, receive, send, setOption } from '../../core/libc.ts';
import { orError, PATIENCE_MS, type Pair, type Probe } from './pair.ts';

export const TLS = {
  kernelTls: ({ from, to }: Pair) => {
    for (const [step, action] of [
      ['TCP_ULP', () => setOption(from, OPTION.TCP_ULP, Buffer.from('tls'))],
      ['TCP_ULP', () => setOption(to, OPTION.TCP_ULP, Buffer.from('tls'))],
      ['TLS_TX', () => setOption(from, OPTION.TLS_TX, tlsKey())],
      ['TLS_RX', () => setOption(to, OPTION.TLS_RX, tlsKey())],
    ] as const) {
      const answer = orError(() => {
        action();
        return 'done';
      });
      if (answer !== 'done') return `${step} is ${answer}`;
    }
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    return orError(() => `'${receive(to, 5, MSG.DONTWAIT)}'`);
  },
} satisfies Record<string, Probe>;

/** A struct tls12_crypto_info_aes_gcm_128 (include/uapi/linux/tls.h) whose keys and numbers are all zero. */
function tlsKey(): Buffer {
  const info = Buffer.alloc(40);
  info.writeUInt16LE(0x0303, 0); // TLS 1.2
  info.writeUInt16LE(51, 2); // TLS_CIPHER_AES_GCM_128
  return info;
}
