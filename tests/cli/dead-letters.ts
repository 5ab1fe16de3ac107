import { expect } from 'chai'
import { waitUntil } from '../../local/supervision/wait.ts'
import { publishToPayment } from './as-operator.ts'
import { canaries, type runningSystem } from './running-system.ts'

/**
 * What the commands about dead letters do in a running system: a suite of its own within that of the system.
 */
export const tellsOfDeadLetters = (here: ReturnType<typeof runningSystem>): void => {
  const { choreo, json } = here
  describe('with dead letters', () => {
    const parked = (count: number) =>
      waitUntil(
        `${count} dead letters`,
        async () => ((await choreo('dlq', 'list', '--each', '--json')).json as unknown[]).length === count,
        {
          deadlineMs: 30_000,
        },
      )
    const deadLetter = `${'x'.repeat(8)}-1`

    it('lists none, and exits 0', async () => {
      expect(await choreo('dlq', 'list')).to.include({ code: 0, out: 'no dead letters\n' })
    })

    it('groups them by reason, and shows one without its body when that cannot be read', async () => {
      await publishToPayment(here.system, `{"shipTo":"${canaries.street}"`, deadLetter)
      await publishToPayment(here.system, `{"shipTo":"${canaries.street}"`, 'another')
      await parked(2)
      const { code, json: groups } = await choreo('dlq', 'list', '--json')
      expect(code).to.equal(1)
      expect(groups).to.have.length(1)
      expect((groups as object[])[0]).to.include({ service: 'payment', reason: 'body-unreadable', count: 2 })
      expect((await choreo('dlq', 'list')).out).to.match(/payment +body-unreadable/)
      const shown = await choreo('dlq', 'show', deadLetter)
      expect(shown.out).to.include('cannot be decoded')
      await waitUntil('status asks for a look', async () => (await choreo('status')).code === 4, {
        deadlineMs: 30_000,
      })
      const { findings } = await json<{ findings: { level: string; what: string }[] }>('status')
      expect(findings[0]).to.include({ level: 'look' })
      expect(findings[0]?.what).to.match(/^\d dead letters? of payment; `npx --no -- choreo dlq list/)
    })

    it('looks at a replay without sending, refuses what cannot be decoded, and sends it when forced', async () => {
      const dry = await choreo('dlq', 'replay', '--service', 'payment', '--dry-run', '--json')
      expect([dry.code, dry.lines.at(-1)]).to.deep.equal([
        1,
        { replayed: 0, refused: 2, forecast: 0, stopped: null },
      ])
      const forced = await choreo('dlq', 'replay', '--message', deadLetter, '--force', '--json')
      expect([forced.code, forced.lines.at(-1)]).to.deep.equal([
        0,
        { replayed: 1, refused: 0, forecast: 0, stopped: null },
      ])
      await parked(2)
    })

    it('exits 1 when the dead letter or the order that is named is not there', async () => {
      const nobody = `ord_${'0'.repeat(26)}`
      for (const words of [
        ['replay', '--message', 'nope'],
        ['replay', '--message', 'nope', '--dry-run'],
        ['replay', '--order', nobody],
        ['purge', '--message', 'nope', '--yes'],
        ['show', 'nope'],
      ]) {
        const { code, err } = await choreo('dlq', ...words)
        expect([code, err.split(':')[0]], words.join(' ')).to.deep.equal([1, 'dead-letter-unknown'])
      }
      await parked(2)
    })

    it('replays nothing of what no filter means', async () => {
      const none = await choreo('dlq', 'replay', '--older-than', '7d', '--json')
      expect([none.code, none.lines]).to.deep.equal([
        0,
        [{ replayed: 0, refused: 0, forecast: 0, stopped: null }],
      ])
    })

    it('deletes nothing unasked, and what is meant with --yes', async () => {
      const unasked = await choreo('dlq', 'purge', '--service', 'payment')
      expect([unasked.code, unasked.err.split(':')[0]]).to.deep.equal([1, 'not-confirmed'])
      await parked(2)
      expect((await choreo('dlq', 'purge', '--message', 'another', '--yes')).out).to.equal('1 deleted\n')
      expect((await choreo('dlq', 'purge', '--yes')).out).to.equal('1 deleted\n')
      expect((await choreo('dlq', 'list')).code).to.equal(0)
    })
  })
}
