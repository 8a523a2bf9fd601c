package io.github.tlsresumption.openssl;

import java.util.Optional;

import static io.github.tlsresumption.openssl.NativeLibrary.BYTE;
import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;
import static io.github.tlsresumption.openssl.NativeLibrary.SHORT;

/**
 * The functions of the BoringSSL family that are used beside the {@linkplain CommonFunctions common ones}: name, result ({@code null} for
 * none), arguments. Those that only set or get something are leaves. Two names are those of older and of newer releases.
 */
final class BoringSslFunctions extends CommonFunctions
{
    final NativeFunction method = leaf("TLS_with_buffers_method", POINTER);
    final NativeFunction ctxSetMinProtoVersion = leaf("SSL_CTX_set_min_proto_version", INT, POINTER, SHORT);
    final NativeFunction ctxSetMaxProtoVersion = leaf("SSL_CTX_set_max_proto_version", INT, POINTER, SHORT);
    final NativeFunction ctxSetStrictCipherList = function("SSL_CTX_set_strict_cipher_list", INT, POINTER, POINTER);
    final NativeFunction ctxSetOptions = leaf("SSL_CTX_set_options", INT, POINTER, INT);
    final NativeFunction ctxSetCurvesList = function("SSL_CTX_set1_curves_list", INT, POINTER, POINTER);
    final Optional<NativeFunction> ctxSetNumTickets = optional("SSL_CTX_set_num_tickets", INT, POINTER, POINTER);
    final NativeFunction ctxSetTimeout = leaf("SSL_CTX_set_timeout", INT, POINTER, INT);
    final NativeFunction ctxSetPskTimeout = leaf("SSL_CTX_set_session_psk_dhe_timeout", null, POINTER, INT);
    final NativeFunction ctxSetSessionCacheMode = leaf("SSL_CTX_set_session_cache_mode", INT, POINTER, INT);
    final NativeFunction ctxSetClientCas = function("SSL_CTX_set0_client_CAs", null, POINTER, POINTER);
    final NativeFunction ctxSetVerifyAlgorithms = function("SSL_CTX_set_verify_algorithm_prefs", INT, POINTER, POINTER, POINTER);
    final NativeFunction sslSetCustomVerify = leaf("SSL_set_custom_verify", null, POINTER, INT, POINTER);
    final NativeFunction ctxSetChainAndKey = function("SSL_CTX_set_chain_and_key", INT, POINTER, POINTER, POINTER, POINTER, POINTER);
    final NativeFunction sslSetChainAndKey = function("SSL_set_chain_and_key", INT, POINTER, POINTER, POINTER, POINTER, POINTER);
    final NativeFunction sslSetSessionIdContext = leaf("SSL_set_session_id_context", INT, POINTER, POINTER, POINTER);
    final NativeFunction sslSetOptions = leaf("SSL_set_options", INT, POINTER, INT);
    final NativeFunction sslSetShedConfig = leaf("SSL_set_shed_handshake_config", null, POINTER, INT);
    final NativeFunction sslSendFatalAlert = function("SSL_send_fatal_alert", INT, POINTER, BYTE);
    final NativeFunction sslGetPeerCertificates = leaf("SSL_get0_peer_certificates", POINTER, POINTER);
    final NativeFunction sessionToBytes = function("SSL_SESSION_to_bytes", INT, POINTER, POINTER, POINTER);
    final NativeFunction sessionFromBytes = function("SSL_SESSION_from_bytes", POINTER, POINTER, POINTER, POINTER);
    final NativeFunction sessionGetPeerCertificates = leaf("SSL_SESSION_get0_peer_certificates", POINTER, POINTER);
    final NativeFunction bufferNew = function("CRYPTO_BUFFER_new", POINTER, POINTER, POINTER, POINTER);
    final NativeFunction bufferFree = function("CRYPTO_BUFFER_free", null, POINTER);
    final NativeFunction bufferData = leaf("CRYPTO_BUFFER_data", POINTER, POINTER);
    final NativeFunction bufferLength = leaf("CRYPTO_BUFFER_len", POINTER, POINTER);
    final NativeFunction parsePrivateKey = function("EVP_parse_private_key", POINTER, POINTER);
    final NativeFunction stackPush = either("sk_push", "OPENSSL_sk_push", POINTER, POINTER, POINTER);
    final NativeFunction stackCount = either("sk_num", "OPENSSL_sk_num", POINTER, POINTER);
    final NativeFunction stackValue = either("sk_value", "OPENSSL_sk_value", POINTER, POINTER, POINTER);
    final NativeFunction free = function("OPENSSL_free", null, POINTER);
    final NativeFunction setSelectCertificate = leaf("SSL_CTX_set_select_certificate_cb", null, POINTER, POINTER);
    final NativeFunction setTicketMethod = leaf("SSL_CTX_set_ticket_aead_method", null, POINTER, POINTER);
    final NativeFunction getContext = leaf("SSL_get_SSL_CTX", POINTER, POINTER);
    final NativeFunction magicPendingSession = leaf("SSL_magic_pending_session_ptr", POINTER);

    /**
     * @param library a library of this family
     * @throws TlsLibraryException when it lacks a function
     */
    BoringSslFunctions(NativeLibrary library)
    {
        super(library, INT);
    }
}
