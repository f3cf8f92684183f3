"""Events as AWS hands them to functions, recorded once and kept as they came.

The request is that of API Gateway's payload format 2.0, the batch that of SQS; ids,
accounts and addresses are those of AWS's documentation.
"""

import copy
from typing import Any

REQUEST: dict[str, Any] = {
    "version": "2.0",
    "routeKey": "ANY /",
    "rawPath": "/",
    "rawQueryString": "",
    "headers": {
        "accept": "*/*",
        "content-length": "0",
        "host": "r3pmxmplak.execute-api.us-east-2.amazonaws.com",
        "user-agent": "curl/7.64.1",
        "x-amzn-trace-id": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
        "x-forwarded-for": "205.255.255.176",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    },
    "requestContext": {
        "accountId": "123456789012",
        "apiId": "r3pmxmplak",
        "domainName": "r3pmxmplak.execute-api.us-east-2.amazonaws.com",
        "domainPrefix": "r3pmxmplak",
        "http": {
            "method": "GET",
            "path": "/",
            "protocol": "HTTP/1.1",
            "sourceIp": "205.255.255.176",
            "userAgent": "curl/7.64.1",
        },
        "requestId": "JKJaXmPLvHcESHA=",
        "routeKey": "ANY /",
        "stage": "$default",
        "time": "10/Mar/2020:05:16:23 +0000",
        "timeEpoch": 1583817383220,
    },
    "isBase64Encoded": False,
}
RECORD: dict[str, Any] = {
    "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
    "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
    "body": "",
    "attributes": {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1545082649183",
        "SenderId": "AIDAIENQZJOLO23YVJ4VO",
        "ApproximateFirstReceiveTimestamp": "1545082649185",
    },
    "messageAttributes": {
        "correlation_id": {
            "stringValue": "JKJaXmPLvHcESHA=",
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "String",
        }
    },
    "md5OfBody": "098f6bcd4621d373cade4e832627b4f6",
    "eventSource": "aws:sqs",
    "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:my-queue",
    "awsRegion": "us-east-2",
}


def request(method: str, path: str, route_key: str) -> dict[str, Any]:
    """Return the recorded request, for another route."""
    event = copy.deepcopy(REQUEST)
    event |= {"rawPath": path, "routeKey": route_key}
    event["requestContext"]["routeKey"] = route_key
    event["requestContext"]["http"] |= {"method": method, "path": path}
    return event


def batch(queue: str, *bodies: str) -> dict[str, Any]:
    """Return the recorded batch with these bodies, its messages named by number."""
    arn = f"arn:aws:sqs:us-east-2:123456789012:vixenbliss-{queue}-4EXAMPLE"
    return {
        "Records": [
            copy.deepcopy(RECORD)
            | {"messageId": f"{n:08}", "body": body, "eventSourceARN": arn}
            for n, body in enumerate(bodies)
        ]
    }
