/**
 * Files that only the user of the process may access, shared by the processes of one host. It uses no other package of ours.
 *
 * <p>Start with {@link io.github.tlsresumption.files.GuardedFile}; {@link io.github.tlsresumption.files.OwnDirectory} finds a place for it
 * in directories where others may write.
 */
package io.github.tlsresumption.files;
