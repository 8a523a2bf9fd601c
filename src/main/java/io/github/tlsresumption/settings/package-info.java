/**
 * The settings of all modules: their names, the values that they take, and how a start is refused. Knows no other package of ours.
 */
package io.github.tlsresumption.settings;
