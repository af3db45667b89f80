// Package explore visits every state that a cluster can reach within bounds.
package explore
