/**
 * Throttles messages that would repeat in the log. It uses no other package of ours.
 */
package io.github.tlsresumption.log;
