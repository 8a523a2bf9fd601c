/**
 * The settings of all modules: their names, the values that they take, and how a start is refused. Knows no other package of ours.
 *
 * <p>Start with {@link io.github.tlsresumption.settings.Setting}; {@link io.github.tlsresumption.settings.StartRefusals} logs the one line
 * that an operator is to see first.
 */
package io.github.tlsresumption.settings;
