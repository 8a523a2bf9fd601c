/**
 * Files that only the user of the process may touch, shared by the processes of one host. Knows no other package of ours.
 */
package io.github.tlsresumption.files;
