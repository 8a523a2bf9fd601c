/**
 * Fuzz tests: each parser gets random bytes, as a stranger could send them. In the gate they run for a short while; {@code
 * src/test/fuzz.sh} runs them for hours.
 */
package io.github.tlsresumption.fuzz;
