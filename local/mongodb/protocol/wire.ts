import { type Doc, decode, type Span } from '../bson/document.ts'
import { room } from './answer.ts'

const headerSize = 16
const maxMessageSize = 48_000_000
const opReply = 1
const opQuery = 2004
const opMsg = 2013

/**
 * A request: its command, decoded when called, and how to frame the answer, which leaves room for it; no
 * answer is wanted when `silent`.
 */
export type Request = { command(): Doc; silent: boolean; frame(answer: Buffer): Buffer }

/** Cuts a stream of bytes into messages. Raises a RangeError for a length that no message has. */
export const messageCutter = (): ((chunk: Buffer) => Buffer[]) => {
  let chunks: Buffer[] = []
  let held = 0
  let wanted = headerSize
  const cut = (): Buffer[] => {
    const messages: Buffer[] = []
    let bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
    for (wanted = headerSize; bytes.length >= headerSize; bytes = bytes.subarray(wanted)) {
      wanted = lengthOf(bytes)
      if (bytes.length < wanted) break
      messages.push(bytes.subarray(0, wanted))
    }
    if (bytes.length < headerSize) wanted = headerSize
    chunks = [bytes]
    held = bytes.length
    return messages
  }
  return chunk => {
    chunks.push(chunk)
    held += chunk.length
    return held < wanted ? [] : cut()
  }
}

const lengthOf = (message: Buffer): number => {
  const length = message.readInt32LE(0)
  if (length < headerSize || length > maxMessageSize) throw new RangeError(`message of ${length} bytes`)
  return length
}

let requestId = 0

// Puts header and prefix in front of the answer, into the room that it leaves.
const framed = (opCode: number, responseTo: number, prefix: Buffer, answer: Buffer): Buffer => {
  const whole = answer.subarray(room - headerSize - prefix.length)
  requestId = (requestId + 1) | 0
  whole.writeInt32LE(whole.length, 0)
  whole.writeInt32LE(requestId, 4)
  whole.writeInt32LE(responseTo, 8)
  whole.writeInt32LE(opCode, 12)
  whole.set(prefix, headerSize)
  return whole
}

/**
 * Reads a message. Raises a RangeError for what is not OP_MSG, nor the OP_QUERY with which a driver says
 * hello.
 */
export const readRequest = (message: Buffer): Request => {
  const id = message.readInt32LE(4)
  const opCode = message.readInt32LE(12)
  const flags = message.readInt32LE(headerSize)
  if (opCode === opQuery) {
    const command = () => decode(message, message.indexOf(0, headerSize + 4) + 9)
    return { command, silent: false, frame: answer => framed(opReply, id, replyPrefix, answer) }
  }
  if (opCode !== opMsg || (flags & ~(moreToCome | exhaustAllowed)) !== 0)
    throw new RangeError(`opcode ${opCode} with flags ${flags}`)
  const frame = (answer: Buffer) => framed(opMsg, id, msgPrefix, answer)
  return { command: () => readSections(message), silent: (flags & moreToCome) !== 0, frame }
}

// responseFlags AwaitCapable, cursorID 0, startingFrom 0, numberReturned 1
const replyPrefix = Buffer.from('0800000000000000000000000000000001000000', 'hex')
const msgPrefix = Buffer.alloc(5)
const moreToCome = 2
const exhaustAllowed = 1 << 16

const readSections = (message: Buffer): Doc => {
  let command: Doc = new Map()
  const sequences: [string, Span[]][] = []
  for (let at = headerSize + 4; at < message.length; ) {
    const size = message.readInt32LE(at + 1)
    if (size < 5 || at + 1 + size > message.length) throw new RangeError(`a section of ${size} bytes`)
    if (message[at] === 0) command = decode(message, at + 1)
    else sequences.push(readSequence(message, at + 5, at + 1 + size))
    at += 1 + size
  }
  for (const [name, documents] of sequences) command.set(name, documents)
  return command
}

const readSequence = (bytes: Buffer, start: number, limit: number): [string, Span[]] => {
  const nameEnd = bytes.indexOf(0, start)
  const documents: Span[] = []
  for (let at = nameEnd + 1; at < limit; ) {
    const end = at + bytes.readInt32LE(at)
    if (end < at + 5 || end > limit) throw new RangeError('a document of a sequence is cut off')
    documents.push({ type: 3, bytes, at, end })
    at = end
  }
  return [bytes.toString('utf8', start, nameEnd), documents]
}
