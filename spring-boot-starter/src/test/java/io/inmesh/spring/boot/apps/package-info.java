/** Applications as users write them: nothing in them knows of a mesh. */
package io.inmesh.spring.boot.apps;
