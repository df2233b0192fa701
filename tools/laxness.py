"""Measures TLS engines, and what is predicted of them, with public suites of certificates.

    python -m tools.laxness limbo.json                  what the host's TLS, as the driver uses
                                                        it, judges otherwise than the suite wants
    python -m tools.laxness limbo.json --engine module  the same for the simulated module
    python -m tools.laxness limbo.json --strict         the host's TLS as strict as ssl can be
    python -m tools.laxness limbo.json pkits mixed=1000 --compare
                                                        four verdicts on each case, and where they
                                                        contradict each other

limbo.json is the suite of C2SP/x509-limbo (Apache-2.0), which holds Netflix's BetterTLS too. It is
in no package, so fetch it by hand: the file is at the top of that repository. Or make it there:
`limbo compile -o limbo.json`. pkits is NIST's suite, from PyPI's cryptography-vectors. mixed=N are
N chains with extensions of the other suites' certificates, after Frankencert.

The verdicts are those of OpenSSL, of the driver's host engine, of the simulated module, and of
`spwf04 check`. With --compare the exit code is 1 if the host engine accepts what OpenSSL refuses,
if the module accepts what `spwf04 check` calls impossible, in its likeliest reading or in its
strictest, or if anything raises an exception.

Left out are cases for clients' certificates, with revocation lists, or with a limit of depth or of
key usage that no engine can be given; with --compare also those without a name that can be asked
for. The module and `spwf04 check` are not asked about IPv6.
"""

import argparse
import collections
import dataclasses
import ssl
import sys
import time

from spwf04_sim import Quirks

from . import suites, verdicts

# What the module's TLS cannot take at all, so that the rest of its verification is seen
_TAKES_ALL = Quirks(mixed_chains=True, rsa4096="everywhere", peer_certificate_limit=False)
STRICTEST = Quirks(
    tls_versions="1.2",
    suites="no_gcm",
    issuer_names="bytes",
    chain_order="given",
    algorithms="p256",
    self_issued="counted",
    name_rules="no_ip",
)


@dataclasses.dataclass
class Verdicts:
    """Why each refuses a Case, None where it does not. plain: OpenSSL, if only a root that signs
    itself is trusted. asked: the module and `spwf04 check` were asked. raised: exceptions."""

    case: suites.Case
    openssl: "str | None" = None
    plain: "str | None" = None
    host: "str | None" = None
    module: "str | None" = None
    strictest: "str | None" = None
    check: "str | None" = None
    asked: bool = True
    raised: tuple = ()

    def contradictions(self):
        """Yield (name, words) for what must not be."""
        if self.host is None and self.openssl is not None:
            yield "host > OpenSSL", self.openssl
        for reading in ("module", "strictest") if self.asked else ():
            if getattr(self, reading) is None and self.check is not None:
                yield f"{reading} > check", self.check
        if self.asked and self.check is None and self.module is not None:
            yield "check > module", self.module
        for words in self.raised:
            yield "exception", words


def judged(case):
    """The Verdicts on a Case."""
    made = Verdicts(case, asked=":" not in (case.host or ""))
    asked = {
        "openssl": verdicts.by_openssl,
        "plain": lambda case: verdicts.by_openssl(case, partial=False),
        "host": verdicts.by_host,
    }
    if made.asked:
        asked["module"] = verdicts.by_module
        asked["strictest"] = lambda case: verdicts.by_module(case, STRICTEST)
        asked["check"] = verdicts.by_check
    for name, function in asked.items():
        try:
            setattr(made, name, function(case))
        except Exception as e:  # of any kind: a certificate must not raise it
            words = f"{name}: {type(e).__name__}: {e}"
            setattr(made, name, words)
            made.raised = (*made.raised, words)
    return made


def compared(cases):
    """The Verdicts on each of these Cases that has a name; without one it is asked for its own."""
    for case in cases:
        case.host = case.host or suites.own_name(case.chain[0])
        if case.host is not None:
            yield judged(case)


# What must not be. "check > module" may be, and is only shown
MUST_NOT = ("host > OpenSSL", "module > check", "strictest > check", "exception")
_COLUMNS = ("cases", "OpenSSL", "plain", "host", "module", "check", *MUST_NOT, "check > module")


def compare(cases):
    """Print what contradicts itself, and a table; return how much of that must not be."""
    table = collections.defaultdict(collections.Counter)
    named = 0
    for one in compared(cases):
        named += 1
        row = table[one.case.kind]
        row["cases"] += 1
        row["OpenSSL"] += one.openssl is None
        for name in ("plain", "host"):
            row[name] += getattr(one, name) is None
        for name in ("module", "check"):
            row[name] += one.asked and getattr(one, name) is None
        for name, words in one.contradictions():
            row[name] += 1
            print(f"{name:18}{one.case.name}: {words}")
    total = sum(table.values(), collections.Counter())
    width = max(map(len, table), default=0) + 2
    print(f"\n{ssl.OPENSSL_VERSION}: cases; how many each accepts; contradictions")
    print(" " * width + "  ".join(_COLUMNS))
    for kind, row in [*sorted(table.items()), ("all", total)]:
        print(f"{kind:{width}}" + "  ".join(f"{row[name]:{len(name)}}" for name in _COLUMNS))
    print(f"without a name: {len(cases) - named}")
    return sum(total[name] for name in MUST_NOT)


def against_suite(cases, judge):
    """Print a line for each case that is judged otherwise than its suite wants, and a table."""
    table = collections.defaultdict(lambda: [0, 0, 0])
    for case in cases:
        why = judge(case)
        row = table[case.kind]
        row[0] += 1
        if case.wanted is not None and case.wanted != (why is None):
            row[2 if case.wanted else 1] += 1
            print("STRICTER" if case.wanted else "LAXER   ", case.name, why or "", *case.features)
    print(f"\n{ssl.OPENSSL_VERSION}: cases, laxer, stricter")
    for kind, row in sorted(table.items()):
        print(f"{kind:32}{row[0]:5}{row[1]:5}{row[2]:5}")
    print(f"{'all':32}" + "".join(f"{sum(c):5}" for c in zip(*table.values())))


def load(names):
    """(Cases of the suites that are named, how many do not apply)."""
    cases, left_out = [], 0
    for name in names:
        if name == "pkits":
            cases += suites.pkits(suites.pkits_folder())
        elif not name.startswith("mixed="):
            found, out = suites.limbo(name)
            cases += found
            left_out += out
    mixer = suites.Mixer([der for case in cases for der in [*case.chain, *case.cas]])
    for name in names:
        if name.startswith("mixed="):
            cases += [mixer.make(n, int(time.time())) for n in range(int(name[6:]))]
    return cases, left_out


def main():
    """Run the suites."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("suites", nargs="+", metavar="limbo.json|pkits|mixed=N")
    parser.add_argument("--engine", choices=("host", "module"), default="host")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--compare", action="store_true")
    options = parser.parse_args()
    cases, left_out = load(options.suites)
    print(f"{len(cases)} cases, {left_out} do not apply")
    if options.compare:
        sys.exit(compare(cases) > 0)
    if options.engine == "host":
        against_suite(cases, lambda case: verdicts.by_host(case, options.strict))
    else:
        against_suite(cases, lambda case: verdicts.by_module(case, _TAKES_ALL))


if __name__ == "__main__":
    main()
