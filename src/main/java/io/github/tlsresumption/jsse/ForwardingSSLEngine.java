package io.github.tlsresumption.jsse;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLParameters;

/**
 * An engine in front of another one, which answers all that the subclass has no part in.
 */
abstract class ForwardingSSLEngine extends SSLEngine
{
    private final SSLEngine engine;

    ForwardingSSLEngine(SSLEngine engine)
    {
        super(engine.getPeerHost(), engine.getPeerPort());
        this.engine = engine;
    }

    final SSLEngine delegate()
    {
        return engine;
    }

    @Override
    public String getPeerHost()
    {
        return engine.getPeerHost();
    }

    @Override
    public int getPeerPort()
    {
        return engine.getPeerPort();
    }

    @Override
    public boolean isInboundDone()
    {
        return engine.isInboundDone();
    }

    @Override
    public boolean isOutboundDone()
    {
        return engine.isOutboundDone();
    }

    @Override
    public String[] getSupportedCipherSuites()
    {
        return engine.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites()
    {
        return engine.getEnabledCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites)
    {
        engine.setEnabledCipherSuites(suites);
    }

    @Override
    public String[] getSupportedProtocols()
    {
        return engine.getSupportedProtocols();
    }

    @Override
    public String[] getEnabledProtocols()
    {
        return engine.getEnabledProtocols();
    }

    @Override
    public void setEnabledProtocols(String[] protocols)
    {
        engine.setEnabledProtocols(protocols);
    }

    @Override
    public HandshakeStatus getHandshakeStatus()
    {
        return engine.getHandshakeStatus();
    }

    @Override
    public void setUseClientMode(boolean mode)
    {
        engine.setUseClientMode(mode);
    }

    @Override
    public boolean getUseClientMode()
    {
        return engine.getUseClientMode();
    }

    @Override
    public boolean getNeedClientAuth()
    {
        return engine.getNeedClientAuth();
    }

    @Override
    public boolean getWantClientAuth()
    {
        return engine.getWantClientAuth();
    }

    @Override
    public void setEnableSessionCreation(boolean flag)
    {
        engine.setEnableSessionCreation(flag);
    }

    @Override
    public boolean getEnableSessionCreation()
    {
        return engine.getEnableSessionCreation();
    }

    @Override
    public SSLParameters getSSLParameters()
    {
        return engine.getSSLParameters();
    }

    @Override
    public String getApplicationProtocol()
    {
        return engine.getApplicationProtocol();
    }

    @Override
    public String getHandshakeApplicationProtocol()
    {
        return engine.getHandshakeApplicationProtocol();
    }
}
