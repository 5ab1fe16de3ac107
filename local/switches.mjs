/** Variables that switch something, and the values they may have; not set means that it is not switched. */
const switches = { CHOREO_INSTALL: ['never'], CHOREO_DOCKER: ['never'], CHOREO_PROCESS: ['one'] }

/** What is wrong with a switch of this environment, in a sentence; undefined when nothing is. */
export const wrongSwitch = env => {
  for (const [name, values] of Object.entries(switches))
    if (env[name] && !values.includes(env[name]))
      return `${name} is "${env[name]}", and may be ${values.join(' or ')}, or not be set.`
  return undefined
}

/** Why something that is missing may not be installed; undefined when it may. */
export const whyNotInstalled = (env, what, instead) =>
  env.CHOREO_INSTALL === 'never' ? `${what}, and CHOREO_INSTALL=never: ${instead}` : undefined
