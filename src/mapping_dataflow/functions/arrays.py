"""Functions over arrays and maps. Indexes count from 1; an index outside gives null."""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.SCALAR,
    """
    array(T?*) -> T[]
    contains(T[], item: boolean) -> boolean
    distinct(compared T[]) -> T[]
    elementAt(T[], integral) -> T
    except(compared T[], compared T[]) -> T[]
    filter(T[], item: boolean) -> T[]
    find(T[], item: boolean) -> T
    in(compared T[], compared T) -> boolean
    intersect(compared T[], compared T[]) -> T[]
    isBitSet(long[], integral) -> boolean
    keyValues(compared K[], V[]) -> [K,V]
    map(T[], item: U) -> U[]
    mapAssociation([K,V], key value: U) -> U[]
    mapIf(T[], item index: boolean, item index: U) -> U[]
    mapIndex(T[], item index: U) -> U[]
    mapLoop(integral, index: U) -> U[]
    reassociate([K,V], key value: U) -> [K,U]
    reduce(T[], A, acc item: A, result: U) -> U
    setBitSet(long[], long[]) -> long[]
    size(any) -> integer
    slice(T[], integral, integral?) -> T[]
    sort(T[], item1 item2: number) -> T[]
    toBitSet(long[]) -> long[]
    unfold(T[]) -> T
    union(compared T[], compared T[]) -> T[]
    valueOf([K,V], K) -> V
    """,
)
