"""A tiny product for the stack to run: every kind of event, none of our code."""

from pathlib import Path

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31

Parameters:
  Greeting:
    Type: String
    Default: hello
  MailFrom:
    Type: String
    Default: ""
  CorsOrigins:
    Type: CommaDelimitedList
    Default: https://nobody.invalid

Globals:
  Function:
    Runtime: python3.13
    Handler: app.handler
    Timeout: 5
    Environment:
      Variables:
        GREETING: !Ref Greeting
        WORK_QUEUE: !Ref WorkQueue

Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins: !Ref CorsOrigins
        AllowMethods: [GET, POST]
        AllowHeaders: [authorization]
        ExposeHeaders: [x-words]
        MaxAge: 60

  WorkQueue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 600
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt DeadLetters.Arn
        maxReceiveCount: 2

  DeadLetters:
    Type: AWS::SQS::Queue

  OrderedQueue:
    Type: AWS::SQS::Queue
    Properties:
      FifoQueue: true
      VisibilityTimeout: 600

  EchoFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/echo
      Environment:
        Variables:
          API: !GetAtt Api.ApiEndpoint
      Events:
        Echo: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: ANY, Path: /echo}}
        Under:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: ANY, Path: "/echo/{proxy+}"}
        Thing:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: GET, Path: "/things/{name}"}

  OddFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/odd
      Timeout: 1
      Events:
        Odd: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: /odd}}

  NapFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/nap
      Events:
        Nap: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: /nap}}

  BrokenFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/broken
      Events:
        Broken:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: GET, Path: /broken}

  WorkFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/work
      Events:
        Work:
          Type: SQS
          Properties:
            Queue: !GetAtt WorkQueue.Arn
            BatchSize: 10
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 2}
        Ordered:
          Type: SQS
          Properties:
            Queue: !GetAtt OrderedQueue.Arn
            BatchSize: 5
            FunctionResponseTypes: [ReportBatchItemFailures]

  TickFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/tick
      Events:
        Hourly:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: rate(1 hour)
"""

_ECHO = """\
import json
import os

from words import closing


def handler(event, context):
    if event["rawPath"] == "/echo/bare":
        return {"bare": True}
    if event["rawPath"] == "/echo/cookies":
        return {
            "statusCode": 201,
            "headers": {"X-Words": closing()},
            "cookies": ["a=1; HttpOnly", "b=2"],
            "body": "set",
        }
    if event["rawPath"] == "/echo/generous":
        return {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}}
    if event["rawPath"] == "/echo/bytes":
        return {
            "statusCode": 200,
            "headers": {"Content-Type": "image/png"},
            "body": event["body"],
            "isBase64Encoded": True,
        }
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"event": event, "environment": dict(os.environ)}),
    }
"""

_ODD = """\
import json
import os
import time


def handler(event, context):
    body = json.loads(event["body"]) if "body" in event else event
    match body.get("do"):
        case "sleep":
            time.sleep(60)
        case "die":
            os._exit(7)
        case "raise":
            raise ValueError("no good")
        case "malformed":
            return {"statusCode": "soon"}
        case "large":
            return {"statusCode": 200, "body": "x" * 7_000_000}
    return {"statusCode": 200, "body": str(os.getpid())}
"""

_NAP = """\
import json
import os
import pathlib
import time


def handler(event, context):
    name = (json.loads(event["body"]) if "body" in event else event)["name"]
    print("napping", name)
    while not pathlib.Path(os.environ["DIARY"]).with_name(name).exists():
        time.sleep(0.01)
    print("woke", name)
    return {"statusCode": 200, "body": str(os.getpid())}
"""

_WORK = """\
import json
import os


def handler(event, context):
    failures = []
    for record in event["Records"]:
        body = json.loads(record["body"])
        with open(os.environ["DIARY"], "a") as diary:
            diary.write(json.dumps(record) + "\\n")
        if body.get("crash"):
            os._exit(1)
        if body.get("fail"):
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
"""

_TICK = """\
def handler(event, context):
    return {"source": event["source"], "name": context.function_name}
"""

_FILES = {
    "template.yaml": TEMPLATE,
    "functions/echo/app.py": _ECHO,
    "functions/odd/app.py": _ODD,
    "functions/nap/app.py": _NAP,
    "functions/broken/app.py": 'raise RuntimeError("cannot be imported")\n',
    "functions/work/app.py": _WORK,
    "functions/tick/app.py": _TICK,
    "shared/words.py": 'def closing():\n    return "farewell"\n',
}


def write(root: Path) -> Path:
    """Write the product and return where it is."""
    for name, text in _FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root
