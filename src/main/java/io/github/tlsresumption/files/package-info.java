/**
 * Files that only the user of the process may touch, shared by the processes of one host. Knows no other package of ours.
 *
 * <p>Start with {@link io.github.tlsresumption.files.GuardedFile}; {@link io.github.tlsresumption.files.OwnDirectory} finds it a place
 * where others may write.
 */
package io.github.tlsresumption.files;
