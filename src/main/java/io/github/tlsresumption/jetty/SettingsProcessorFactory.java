package io.github.tlsresumption.jetty;

import java.util.List;

import io.github.tlsresumption.files.StartProperties;
import io.github.tlsresumption.settings.Refusal;
import io.github.tlsresumption.settings.RefusedException;
import io.github.tlsresumption.settings.SettingNames;
import io.github.tlsresumption.settings.StartRefusals;
import org.eclipse.jetty.util.resource.Resource;
import org.eclipse.jetty.xml.ConfigurationProcessor;
import org.eclipse.jetty.xml.ConfigurationProcessorFactory;
import org.eclipse.jetty.xml.XmlConfiguration;
import org.eclipse.jetty.xml.XmlParser;

/**
 * Reads etc/tls-resumption-settings.xml. XML of Jetty's own kind can only ask for properties by name; a processor is given all of them,
 * wherever they were set, and so finds those that no module has. Stateless.
 */
public final class SettingsProcessorFactory implements ConfigurationProcessorFactory
{
    private static final String TAG = "TlsResumptionSettings";

    @Override
    public ConfigurationProcessor getConfigurationProcessor(String dtd, String tag)
    {
        return TAG.equals(tag) ? new SettingsProcessor() : null;
    }

    private static final class SettingsProcessor implements ConfigurationProcessor
    {
        private XmlConfiguration configuration;

        @Override
        public void init(Resource resource, XmlParser.Node root, XmlConfiguration source)
        {
            this.configuration = source;
        }

        @Override
        public Object configure(Object object)
        {
            StartProperties.delete();
            List<Refusal> faults = SettingNames.faults(configuration.getProperties());
            faults.forEach(StartRefusals::log);
            if (!faults.isEmpty())
            {
                throw new RefusedException(faults.get(0));
            }
            return object;
        }

        @Override
        public Object configure()
        {
            return configure(null);
        }
    }
}
