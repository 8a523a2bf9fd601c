/**
 * The settings of all modules: their names, their values, and how a start is refused. It uses no other package of ours.
 *
 * <p>Start with {@link io.github.tlsresumption.settings.Setting}; {@link io.github.tlsresumption.settings.StartRefusals} logs the one line
 * that an operator should see first.
 */
package io.github.tlsresumption.settings;
