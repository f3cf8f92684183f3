"""The sentences of docs/cost.md; every figure in them comes from the inputs."""

HEADLINE = """**What it costs** a month on AWS, as creators come: {amounts}. By
list prices and assumed use; [cost.md](docs/cost.md) has each service, the levers, and
what breaks first.
"""

HEAD = """# What it costs a month

Written by `make cost` from [prices.yaml](prices.yaml),
[workload.yaml](workload.yaml), [durations.json](durations.json),
[measured.json](measured.json) and the template; `python -m tests.tools.cost --check`
says whether it still is. US dollars before tax in {region}, list prices as looked up
on {looked_up}, no free tier, no commitment, no support plan. **Nothing here was ever
billed**: what creators do is assumed, and durations were measured on a machine that
is not Lambda. Take the first digit as meant, the second as likely.
"""

SERVICES = """## By service

*small* is one zone, a NAT instance and no proxy; *production* is two zones, NAT
gateways, RDS Proxy and a standby. The class of the database follows the load in
both, as told below. What costs the same with nobody in the house is fixed; the rest
follows what is done, files and rows of a whole year included. *small* with 100,000
is here to be compared: what it lacks is told under "What breaks first".
"""

PASSED_ON = """## What others charge

Not AWS's, and not in the table above: whoever uses the house pays it, and the ledger
books it against each avatar.
"""

DATABASE = """## The database follows the load

Each call keeps Postgres at work for {ms} ms (measured). The busiest minutes have
{peak} times the mean of calls. The class is the smallest that does this with {use}
of the processor time it may use for ever, and whose memory holds {in_memory} of the
rows; it is never below the one that is deployed. Where memory decides, an
assumption does: how much a creator leaves behind in Postgres was not measured, and
nothing is archived yet.
"""

WAYS_OUT = """## Ways out

Only functions that call providers have one. Through it go {traffic} a month ({scales}
creators); files go to S3 through its gateway endpoint, which costs nothing.
{endpoints} interface endpoints in {zones} zones altogether keep calls of AWS off the
way out, and let functions without one read secrets and write to queues: they are
there for safety, not to save: one in two zones costs what {even} GB through a NAT
gateway would cost more.
"""

LEVERS = """## The strongest levers

What one decision changes in a month of *{size}*, all else as it is. Each of the {top}
strongest at any of the scales:
"""

WEAKER = """The others:
"""

DOUBLED = """## Twice the traffic

Everybody does everything twice as often, and so keeps twice as much.
"""

LIMITS = """## What breaks first

In the busiest minutes of {creators} creators in *{size}*, whatever is at least
{full} full. Above 100 % work waits (queues) or is refused (API, providers); a queue
whose worker is above {mean} never becomes empty, as that is more than the mean.
"""

FULLEST = """The fullest of all the other deployments:
"""

BREAKS = """What the table means, and what it does not show:

- **Workers** are capped first, by MaximumConcurrency, a line in the template for
  each. It is low so that a small Postgres and the limits of providers are not run
  over: raise it together with both, and `BatchSize` where one message is taken at a
  time.
- **Connections.** Without a proxy each sandbox keeps one, idle ones as well, and a
  deployment makes new sandboxes beside the old ones; behind RDS Proxy only calls at
  work have one. RDS ends at 5,000 whatever the class.
- **One writer.** Every row is written by one Postgres, and its classes end. What
  comes then, replicas for fans' pages and workspaces in databases of their own, is
  not built.
- **Providers** count by account, and the house has one account with each:
  Replicate, OpenAI's tier, SES's sending rate. More is to be asked for weeks ahead.
  Instagram and TikTok count by connected account, so they do not fill up with
  creators; TikTok's audit of the app comes before any of this.
- **CloudWatch** takes in lines of every call, most of them not ours but Lambda's
  own, in JSON; the alarms on failures live on these.
- **The gateway's throttle** is ours, one for all callers, and a line in the
  template.
"""

BASIS = """## What it rests on

The first call of {functions} functions was measured with all that comes before it
({of}), and later calls, with real work to do, of {worked} while the main job was done
on {measured_on} (processor time; {machine}). A function has a share of a processor,
its memory over {full} MB, so milliseconds are divided by that; then comes the time of
Postgres ({ms} ms a call, while others worked on the same machine)
and what providers take, which is assumed. A function that was not measured is taken
for the median of its kind. A call is cold with the chance that the last one was
longer ago than a sandbox is kept; cold starts are billed from their first
millisecond, and are {colds}
of the GB-seconds. Requests are thought to come at any time alike, but for the peak.

Of SQS, asking empty queues is fixed: {polls}. Lambda's guide says that pollers may
sink to two where no MaximumConcurrency is set; that is not counted on.
"""

PRICES = """## Prices that are not sure

{sure} of {count} prices have a source that was read: AWS's own price list for the
region in a public copy, a seller's page, or an itemised bill. The other {unsure} are
from memory or derived, **not confirmed**:
"""

TAIL = """\
Not counted: taxes, AWS Support, CloudFront or any other cache, AWS Config, GuardDuty
and a trail beyond the first, Logs Insights queries, data between zones ($0.01 per GB
each way), provisioned IOPS, CPU credits of a burstable class that is kept busy,
Extended Support of an old Postgres, restores, a second region, people.

## How to recompute

    make cost                            # after any change of the inputs
    python -m tests.tools.cost.measure   # durations, on this machine

Prices: change the figure, its source, how sure it is, and `looked_up`. Assumptions:
docs/workload.yaml gives each its reason. Sizes, counts, schedules, batches and limits
are read from the template as samconfig.toml deploys it. The arithmetic is checked by
hand in
tests/unit/test_cost.py. After a month of real use, hold the bill's usage types
against the first table, and the Duration and INIT of the reports against
docs/durations.json.
"""
