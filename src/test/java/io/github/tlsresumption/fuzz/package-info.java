/**
 * Bytes that strangers choose, thrown at each parser. In the gate they run for a short while; {@code src/test/fuzz.sh} runs them for hours.
 */
package io.github.tlsresumption.fuzz;
