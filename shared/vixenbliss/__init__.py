"""The shared layer: what every Lambda function stands on.

From the door down to the ground; arrows only ever point down::

    functions/                 one small Lambda per resource, webhook, queue and clock
    api, worker                how a request or a record becomes a call
    services                   what the product does
    repositories               what we ask of the database
    providers                  whom we call outside
    jobs                       what we put on a queue
    schemas                    what the outside sees
    models                     what we keep
    database, media            a connection, picture formats
    clock, ids, log, loop, money, settings, credentials, errors
"""
