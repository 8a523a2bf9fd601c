package io.github.tlsresumption.openssl;

import java.lang.foreign.MemoryLayout;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;
import static io.github.tlsresumption.openssl.NativeLibrary.SHORT;

/**
 * The functions that are used of all families: name, result ({@code null} for none), arguments. Those that only set or get something are
 * leaves. Two names are those of older and of newer releases.
 */
abstract class CommonFunctions extends FunctionTable
{
    final NativeFunction ctxNew = function("SSL_CTX_new", POINTER, POINTER);
    final NativeFunction ctxFree = function("SSL_CTX_free", null, POINTER);
    final NativeFunction ctxGetCiphers = leaf("SSL_CTX_get_ciphers", POINTER, POINTER);
    final NativeFunction sslNew = function("SSL_new", POINTER, POINTER);
    final NativeFunction sslFree = function("SSL_free", null, POINTER);
    final NativeFunction sslSetBio = leaf("SSL_set_bio", null, POINTER, POINTER, POINTER);
    final NativeFunction sslGetRbio = leaf("SSL_get_rbio", POINTER, POINTER);
    final NativeFunction sslGetWbio = leaf("SSL_get_wbio", POINTER, POINTER);
    final NativeFunction sslSetAcceptState = leaf("SSL_set_accept_state", null, POINTER);
    final NativeFunction sslDoHandshake = function("SSL_do_handshake", INT, POINTER);
    final NativeFunction sslRead = function("SSL_read", INT, POINTER, POINTER, INT);
    final NativeFunction sslWrite = function("SSL_write", INT, POINTER, POINTER, INT);
    final NativeFunction sslShutdown = function("SSL_shutdown", INT, POINTER);
    final NativeFunction sslGetError = leaf("SSL_get_error", INT, POINTER, INT);
    final NativeFunction sslVersion = leaf("SSL_version", INT, POINTER);
    final NativeFunction sslGetCurrentCipher = leaf("SSL_get_current_cipher", POINTER, POINTER);
    final NativeFunction sslGetPendingCipher = leaf("SSL_get_pending_cipher", POINTER, POINTER);
    final NativeFunction cipherStandardName = leaf("SSL_CIPHER_standard_name", POINTER, POINTER);
    final NativeFunction cipherNumber = leaf("SSL_CIPHER_get_protocol_id", SHORT, POINTER);
    final NativeFunction sslSessionReused = leaf("SSL_session_reused", INT, POINTER);
    final NativeFunction sslGetSession = leaf("SSL_get_session", POINTER, POINTER);
    final NativeFunction sessionGetId = leaf("SSL_SESSION_get_id", POINTER, POINTER, POINTER);
    final NativeFunction sessionGetMasterKey = leaf("SSL_SESSION_get_master_key", POINTER, POINTER, POINTER, POINTER);
    final NativeFunction sessionGetCipher = leaf("SSL_SESSION_get0_cipher", POINTER, POINTER);
    final NativeFunction sessionFree = function("SSL_SESSION_free", null, POINTER);
    final NativeFunction bioMemory = leaf("BIO_s_mem", POINTER);
    final NativeFunction bioNew = function("BIO_new", POINTER, POINTER);
    final NativeFunction bioFree = function("BIO_free", INT, POINTER);
    final NativeFunction bioRead = leaf("BIO_read", INT, POINTER, POINTER, INT);
    final NativeFunction bioWrite = leaf("BIO_write", INT, POINTER, POINTER, INT);
    final NativeFunction bioPending = leaf("BIO_ctrl_pending", POINTER, POINTER);
    final NativeFunction keyFree = function("EVP_PKEY_free", null, POINTER);
    final NativeFunction stackNew = either("sk_new_null", "OPENSSL_sk_new_null", POINTER);
    final NativeFunction clearErrors = leaf("ERR_clear_error", null);
    final NativeFunction setAlpnSelect = leaf("SSL_CTX_set_alpn_select_cb", null, POINTER, POINTER, POINTER);
    final NativeFunction setNewSession = leaf("SSL_CTX_sess_set_new_cb", null, POINTER, POINTER);
    final NativeFunction setGetSession = leaf("SSL_CTX_sess_set_get_cb", null, POINTER, POINTER);
    final NativeFunction getError;
    final NativeFunction errorString;

    /**
     * @param library the library
     * @param error the layout of an error's number
     * @throws TlsLibraryException when it lacks a function
     */
    CommonFunctions(NativeLibrary library, MemoryLayout error)
    {
        super(library);
        getError = leaf("ERR_get_error", error);
        errorString = leaf("ERR_error_string_n", null, error, POINTER, POINTER);
    }
}
