/**
 * What is logged now and then rather than each time. Knows no other package of ours.
 */
package io.github.tlsresumption.log;
