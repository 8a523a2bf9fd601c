package io.github.tlsresumption.openssl;

import java.lang.foreign.ValueLayout;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;

/**
 * The functions of OpenSSL 3 that are used beside the {@linkplain CommonFunctions common ones}: name, result ({@code null} for none),
 * arguments. Those that only set or get something are leaves. A {@code long} has the layout of a pointer.
 */
final class OpenSslFunctions extends CommonFunctions
{
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    final NativeFunction initCrypto = function("OPENSSL_init_crypto", INT, LONG, POINTER);
    final NativeFunction initSsl = function("OPENSSL_init_ssl", INT, LONG, POINTER);
    final NativeFunction method = leaf("TLS_server_method", POINTER);
    final NativeFunction ctxControl = function("SSL_CTX_ctrl", LONG, POINTER, INT, LONG, POINTER);
    final NativeFunction ctxSetOptions = leaf("SSL_CTX_set_options", LONG, POINTER, LONG);
    final NativeFunction ctxClearOptions = leaf("SSL_CTX_clear_options", LONG, POINTER, LONG);
    final NativeFunction ctxSetCipherList = function("SSL_CTX_set_cipher_list", INT, POINTER, POINTER);
    final NativeFunction ctxSetTls13Suites = function("SSL_CTX_set_ciphersuites", INT, POINTER, POINTER);
    final NativeFunction ctxSetNumTickets = leaf("SSL_CTX_set_num_tickets", INT, POINTER, POINTER);
    final NativeFunction ctxSetTimeout = leaf("SSL_CTX_set_timeout", LONG, POINTER, LONG);
    final NativeFunction ctxSetAuthorities = function("SSL_CTX_set0_CA_list", null, POINTER, POINTER);
    final NativeFunction setCertificateVerify = leaf("SSL_CTX_set_cert_verify_callback", null, POINTER, POINTER, POINTER);
    final NativeFunction setClientHello = leaf("SSL_CTX_set_client_hello_cb", null, POINTER, POINTER, POINTER);
    final NativeFunction setTicketCallbacks = leaf("SSL_CTX_set_session_ticket_cb", INT, POINTER, POINTER, POINTER, POINTER);
    final NativeFunction setTicketKey = leaf("SSL_CTX_set_tlsext_ticket_key_evp_cb", INT, POINTER, POINTER);
    final NativeFunction sslSetVerify = leaf("SSL_set_verify", null, POINTER, INT, POINTER);
    final NativeFunction ctxUseCertificateAndKey = function("SSL_CTX_use_cert_and_key", INT, POINTER, POINTER, POINTER, POINTER, INT);
    final NativeFunction sslClearCertificates = function("SSL_certs_clear", null, POINTER);
    final NativeFunction sslUseCertificateAndKey = function("SSL_use_cert_and_key", INT, POINTER, POINTER, POINTER, POINTER, INT);
    final NativeFunction sslSetSessionIdContext = leaf("SSL_set_session_id_context", INT, POINTER, POINTER, INT);
    final NativeFunction sslSetNumTickets = leaf("SSL_set_num_tickets", INT, POINTER, POINTER);
    final NativeFunction sslGetNumTickets = leaf("SSL_get_num_tickets", POINTER, POINTER);
    final NativeFunction sslNewTicket = function("SSL_new_session_ticket", INT, POINTER);
    final NativeFunction sslSetMessageCallback = leaf("SSL_set_msg_callback", null, POINTER, POINTER);
    final NativeFunction sslCipherName = leaf("SSL_CIPHER_get_name", POINTER, POINTER);
    final NativeFunction sslGetPeerCertificate = leaf("SSL_get0_peer_certificate", POINTER, POINTER);
    final NativeFunction sessionGetPeer = leaf("SSL_SESSION_get0_peer", POINTER, POINTER);
    final NativeFunction sessionWrite = function("i2d_SSL_SESSION", INT, POINTER, POINTER);
    final NativeFunction sessionRead = function("d2i_SSL_SESSION", POINTER, POINTER, POINTER, LONG);
    final NativeFunction sessionSetData = function("SSL_SESSION_set1_ticket_appdata", INT, POINTER, POINTER, POINTER);
    final NativeFunction sessionGetData = leaf("SSL_SESSION_get0_ticket_appdata", INT, POINTER, POINTER, POINTER);
    final NativeFunction sessionSetMasterKey = leaf("SSL_SESSION_set1_master_key", INT, POINTER, POINTER, POINTER);
    final NativeFunction sessionSetSeconds = leaf("SSL_SESSION_set_timeout", LONG, POINTER, LONG);
    final NativeFunction certificateRead = function("d2i_X509", POINTER, POINTER, POINTER, LONG);
    final NativeFunction certificateWrite = function("i2d_X509", INT, POINTER, POINTER);
    final NativeFunction certificateFree = function("X509_free", null, POINTER);
    final NativeFunction nameRead = function("d2i_X509_NAME", POINTER, POINTER, POINTER, LONG);
    final NativeFunction keyRead = function("d2i_AutoPrivateKey", POINTER, POINTER, POINTER, LONG);
    final NativeFunction keyType = leaf("EVP_PKEY_get_base_id", INT, POINTER);
    final NativeFunction verifiedChain = leaf("X509_STORE_CTX_get0_untrusted", POINTER, POINTER);
    final NativeFunction setVerifyError = leaf("X509_STORE_CTX_set_error", null, POINTER, INT);
    final NativeFunction stackPush = function("OPENSSL_sk_push", INT, POINTER, POINTER);
    final NativeFunction stackCount = leaf("OPENSSL_sk_num", INT, POINTER);
    final NativeFunction stackValue = leaf("OPENSSL_sk_value", POINTER, POINTER, INT);
    final NativeFunction stackFree = function("OPENSSL_sk_free", null, POINTER);
    final NativeFunction cipherFetch = function("EVP_CIPHER_fetch", POINTER, POINTER, POINTER, POINTER);
    final NativeFunction encryptInit = function("EVP_EncryptInit_ex", INT, POINTER, POINTER, POINTER, POINTER, POINTER);
    final NativeFunction decryptInit = function("EVP_DecryptInit_ex", INT, POINTER, POINTER, POINTER, POINTER, POINTER);
    final NativeFunction macSetParameters = function("EVP_MAC_CTX_set_params", INT, POINTER, POINTER);

    /**
     * @param library a library of this family
     * @throws TlsLibraryException when it lacks a function
     */
    OpenSslFunctions(NativeLibrary library)
    {
        super(library, LONG);
    }
}
