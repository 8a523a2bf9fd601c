package io.github.tlsresumption;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.tlsresumption.it.StartsProcesses;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * {@code mvn test} starts no process: a test class from which one can be started says so by {@link StartsProcesses}, and runs in
 * {@code mvn verify}.
 */
class ProcessTagTest
{
    private static final List<JavaClass> TESTS = new ClassFileImporter().withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
        .importPackages(ProcessTagTest.class.getPackageName()).stream()
        .filter(type -> type.isTopLevelClass() && type.getSimpleName().matches(".+(Test|IT|Figures)"))
        .filter(type -> !type.isEquivalentTo(ProcessTagTest.class)).toList();

    @Test
    void classesThatStartProcessesSaySo()
    {
        Set<String> untagged = TESTS.stream().filter(ProcessTagTest::startsProcesses)
            .filter(type -> !type.isAnnotatedWith(StartsProcesses.class)).map(JavaClass::getName).collect(Collectors.toSet());
        assertEquals(Set.of(), untagged);
    }

    @Test
    void integrationTestsSaySo()
    {
        Set<String> untagged = TESTS.stream().filter(type -> type.getSimpleName().endsWith("IT"))
            .filter(type -> !type.isAnnotatedWith(StartsProcesses.class)).map(JavaClass::getName).collect(Collectors.toSet());
        assertEquals(Set.of(), untagged);
    }

    @Test
    void findsTheClassesItJudges()
    {
        assertTrue(TESTS.stream().filter(ProcessTagTest::startsProcesses).count() > 20);
    }

    private static boolean startsProcesses(JavaClass test)
    {
        return test.getTransitiveDependenciesFromSelf().stream()
            .anyMatch(dependency -> dependency.getTargetClass().isEquivalentTo(ProcessBuilder.class));
    }
}
