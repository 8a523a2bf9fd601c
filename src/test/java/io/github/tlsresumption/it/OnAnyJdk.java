package io.github.tlsresumption.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;

/**
 * Marks tests whose subject is not TLS: stores, files, pages, settings; and long ones whose TLS others try too. The gate runs them on one
 * JDK, all others on each.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("any-jdk")
public @interface OnAnyJdk
{
}
