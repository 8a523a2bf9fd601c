/**
 * The sealed envelope that a client carries: pure functions of keys, times and bytes.
 * Of this project it depends on {@code crypto} alone, and it knows neither Jetty nor an engine.
 */
package io.github.tlsresumption.ticket;
