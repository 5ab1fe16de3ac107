import { copyBytes } from './walk.ts'

/** Bytes that are written one after the other, used again and again. */
export class Growing {
  bytes: Buffer
  length = 0

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size)
  }

  /** Room for that many bytes more; returns where they begin. `bytes` may be another buffer afterwards. */
  reserve(size: number): number {
    const at = this.length
    this.length += size
    if (this.length > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.length)
      this.bytes.copy(larger, 0, 0, at)
      this.bytes = larger
    }
    return at
  }

  byte(value: number): void {
    const at = this.reserve(1)
    this.bytes[at] = value
  }

  int32(value: number): void {
    const at = this.reserve(4)
    this.bytes.writeInt32LE(value, at)
  }

  /** A whole number of at most 52 bits, seven bits a byte. */
  varint(value: number): void {
    let rest = value
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 0x80)
    this.byte(rest)
  }

  copy(source: Buffer, from: number, to: number): void {
    const at = this.reserve(to - from)
    copyBytes(source, from, to, this.bytes, at)
  }

  text(value: string): void {
    const size = Buffer.byteLength(value)
    const at = this.reserve(size)
    this.bytes.write(value, at, size)
  }
}

/** Reads what `Growing` wrote. Raises a RangeError beyond the end. */
export class Reading {
  bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  byte(): number {
    const value = this.bytes[this.at]
    if (value === undefined) throw new RangeError('there is nothing more')
    this.at += 1
    return value
  }

  varint(): number {
    let value = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = this.byte()
      value += (byte & 127) * unit
      if (byte < 128) return value
    }
  }

  /** Passes that many bytes; returns where they begin. */
  pass(size: number): number {
    const from = this.at
    this.at += size
    if (size < 0 || this.at > this.bytes.length) throw new RangeError('there is nothing more')
    return from
  }
}
