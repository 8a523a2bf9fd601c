package io.github.tlsresumption.openssl;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * The native engine knows the seam, and no more of the module; nothing of Jetty.
 */
class NativeArchitectureTest
{
    private static final String OURS = "io.github.tlsresumption.";

    private final JavaClasses engine = new ClassFileImporter()
        .withImportOption(location -> location.contains("native-classes") || location.contains("/nc/"))
        .withImportOption(new ImportOption.DoNotIncludeJars())
        .importPackages(OURS + "openssl");

    @Test
    void itKnowsTheSeamAlone()
    {
        classes().should().onlyDependOnClassesThat().resideInAnyPackage(OURS + "openssl", OURS + "engine", OURS + "ticket",
            OURS + "crypto", "java..", "javax..", "org.slf4j..", "com.github.benmanes.caffeine..").check(engine);
    }

    @Test
    void rawMemoryIsReadAndWrittenInTheBinding()
    {
        String binding = ".*\\.(BoringSsl.*|OpenSsl.*|ErrorQueue|Upcalls|CommonFunctions|Memory|"
            + "Native(Connection|Library|Function)|FunctionTable|Records|Scratch)";
        noClasses().that().haveNameNotMatching(binding)
            .should().dependOnClassesThat().resideInAPackage("java.lang.foreign..").check(engine);
    }

    /**
     * Older JDKs load it to be told what it needs.
     */
    @Test
    void oneClassIsForTheServiceLoader()
    {
        assertEquals(1, engine.stream().filter(one -> one.getModifiers().contains(JavaModifier.PUBLIC)
            && one.isTopLevelClass()).count());
    }
}
