"""Understanding: Rasa 3.6 components that turn a message into an intent, details and a decision.

Nothing here imports the rest of `bot`, opens a database or reaches the network, so another Rasa
project can copy the folder and name the components in its own config.yml. In pipeline order:

language.LanguageDetector             which language the message is in
question_splitter.QuestionSplitter    up to two parts of a message with two questions
spelling.SpellingCorrector            misspelt words of the domain
sentence_encoder.SentenceEncoder      dense sentence features (once per encoder)
details.DetailExtractor               class codes, levels, degrees, durations, money, dates, claim numbers
intent_classifier.SentenceIntentClassifier   intent, calibrated confidence, out-of-scope score, decision
crisis.CrisisDetector                 despair or danger comes before everything else
second_question.SecondQuestion        keeps the second part if it is a question of its own
"""
