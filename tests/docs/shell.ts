import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A shell that keeps its variables between the blocks that it is given. */
export type Shell = {
  /** Runs a block to its end; resolves with what it wrote on both streams. */
  run(block: string): Promise<string>
  close(): void
}

/** Ends what a progress line has on the screen. */
const eraseLine = '\u001b[K'

/** A bash in `folder`; a line after each block says that it has ended. */
export const openShell = (folder: string, env: NodeJS.ProcessEnv): Shell => {
  const bash = spawn('bash', ['--noprofile', '--norc'], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] })
  let written = ''
  let ended = () => {}
  for (const stream of [bash.stdout, bash.stderr])
    stream.on('data', text => {
      written += text
      if (written.includes('<<ended>>\n')) ended()
    })
  return {
    run: async block => {
      written = ''
      const end = new Promise<void>(resolve => {
        ended = resolve
      })
      bash.stdin.write(`{ ${block}\n} 2>&1 </dev/null\necho\necho '<<ended>>'\n`)
      await end
      return written.replace('\n<<ended>>\n', '').replaceAll(eraseLine, '')
    },
    close: () => bash.kill(),
  }
}

/** The block at a terminal of its own, where `answer` is typed. */
export const atTerminal = (block: string, answer: string): string =>
  `echo ${answer} | script -qefc '${block.trim()}' /dev/null`

/**
 * The PATH of a shell in which `npx --no -- choreo` is the program of this build: the real one would run
 * whatever was compiled last. Other commands are those of the machine.
 */
export const pathWithChoreo = (folder: string, main: string): string => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const choreo = `[ "$1 $2 $3" = '--no -- choreo' ] && shift 3 && exec '${process.execPath}' '${main}' "$@"`
  const other = 'program="$1"; shift; exec "./node_modules/.bin/$program" "$@"'
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\n${choreo}\n${other}\n`)
  chmodSync(join(bin, 'npx'), 0o755)
  return [bin, process.env.PATH].join(delimiter)
}
