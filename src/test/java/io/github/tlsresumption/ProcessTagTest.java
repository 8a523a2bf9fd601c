package io.github.tlsresumption;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.github.tlsresumption.it.StartsProcesses;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * {@code mvn test} starts no process: a test class from which one can be started says so by {@link StartsProcesses}, and runs in
 * {@code mvn verify}.
 */
@Exhaustive
class ProcessTagTest
{
    private static final JavaClasses OURS = ours();
    private static final Set<JavaClass> STARTING = starting();
    private static final List<JavaClass> TESTS = OURS.stream()
        .filter(type -> type.isTopLevelClass() && type.getSimpleName().matches(".+(Test|IT|Figures)"))
        .filter(type -> !type.isEquivalentTo(ProcessTagTest.class)).toList();

    @Test
    void classesThatStartProcessesSaySo()
    {
        assertEquals(Set.of(), untagged(STARTING::contains));
    }

    @Test
    void integrationTestsSaySo()
    {
        assertEquals(Set.of(), untagged(type -> type.getSimpleName().endsWith("IT")));
    }

    @Test
    void findsTheClassesItJudges()
    {
        assertTrue(TESTS.stream().filter(STARTING::contains).count() > 20);
    }

    private static Set<String> untagged(Predicate<JavaClass> which)
    {
        return TESTS.stream().filter(which).filter(type -> !type.isAnnotatedWith(StartsProcesses.class)).map(JavaClass::getName)
            .collect(Collectors.toSet());
    }

    /*
     * Those that know ProcessBuilder, and those that know one of these.
     */
    private static Set<JavaClass> starting()
    {
        Set<JavaClass> found = new HashSet<>();
        Deque<JavaClass> next = new ArrayDeque<>(OURS.stream().filter(type -> type.getDirectDependenciesFromSelf().stream()
            .anyMatch(dependency -> dependency.getTargetClass().isEquivalentTo(ProcessBuilder.class))).toList());
        while (!next.isEmpty())
        {
            JavaClass type = next.pop();
            if (found.add(type))
            {
                type.getDirectDependenciesToSelf().forEach(dependency -> next.add(dependency.getOriginClass()));
                // A nested class is part of the one around it.
                type.getEnclosingClass().ifPresent(next::add);
            }
        }
        return found;
    }

    /*
     * Nobody else's classes start a process of ours.
     */
    private static JavaClasses ours()
    {
        return ArchConfiguration.withThreadLocalScope(configuration ->
        {
            configuration.setResolveMissingDependenciesFromClassPath(false);
            return new ClassFileImporter().importPackages(ProcessTagTest.class.getPackageName());
        });
    }
}
