package io.github.tlsresumption.openssl;

import java.lang.foreign.ValueLayout;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;

/**
 * The functions of OpenSSL that a client needs beside those of {@link LibSsl}: name, result ({@code null} for none), arguments.
 */
final class ClientFunctions extends FunctionTable
{
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    final NativeFunction method = function("TLS_client_method", POINTER);
    final NativeFunction ctxNew = function("SSL_CTX_new", POINTER, POINTER);
    final NativeFunction setConnectState = function("SSL_set_connect_state", null, POINTER);
    final NativeFunction setMessageCallback = function("SSL_set_msg_callback", null, POINTER, POINTER);
    final NativeFunction control = function("SSL_ctrl", LONG, POINTER, INT, LONG, POINTER);
    final NativeFunction setOptions = function("SSL_set_options", LONG, POINTER, LONG);
    final NativeFunction setProtocols = function("SSL_set_alpn_protos", INT, POINTER, POINTER, INT);
    final NativeFunction setSession = function("SSL_set_session", INT, POINTER, POINTER);
    final NativeFunction getSession = function("SSL_get1_session", POINTER, POINTER);
    final NativeFunction sessionFree = function("SSL_SESSION_free", null, POINTER);
    final NativeFunction sessionGetTicket = function("SSL_SESSION_get0_ticket", null, POINTER, POINTER, POINTER);
    final NativeFunction sessionSetMaxEarlyData = function("SSL_SESSION_set_max_early_data", INT, POINTER, INT);
    final NativeFunction writeEarlyData = function("SSL_write_early_data", INT, POINTER, POINTER, POINTER, POINTER);
    final NativeFunction keyUpdate = function("SSL_key_update", INT, POINTER, INT);
    final NativeFunction renegotiate = function("SSL_renegotiate", INT, POINTER);

    /**
     * @param library OpenSSL from version 3.0 on
     */
    ClientFunctions(NativeLibrary library)
    {
        super(library);
    }
}
