// Package model has sequential specifications of things that many systems
// offer: registers, maps, locks, queues, sets and transactions over registers.
//
// A [linearizability.Spec] judges words. The words of each model, and the
// answers to them:
//
//	register      read -> V;  write V -> ok
//	cas-register  read -> V;  write V -> ok;  cas OLD NEW -> ok, or no
//	kv-append     get -> V;  put V -> ok;  append V -> ok;  delete -> ok;  cas OLD NEW -> ok, or no
//	mutex         acquire -> ok, or no while it is held;  release -> ok, or no while it is free
//	fifo-queue    enqueue V -> ok;  dequeue -> V, the oldest, or nil
//	set           add V -> ok;  remove V -> ok;  contains V -> true, or false;  read -> {A,B}
//	txn           r K w K V append K V ... -> a value for each r, or ok without any
//
// V, OLD, NEW and K are words without spaces, compared as text. The word nil
// stands for a value that is absent. Append joins two values as they are; in a
// transaction it adds an element to a list, as in [1,2]. The elements of a set
// are sorted. A mutex does not know its holder.
//
// May be changed: new models. Must not: the words, which are in files.
package model
